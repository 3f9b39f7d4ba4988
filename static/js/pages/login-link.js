/** The link a person clicked is their wish to log in: press the button for them. Link previews run no modules. */

document.querySelector("#login-link").requestSubmit();
