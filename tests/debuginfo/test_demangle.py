import pytest

from profiler.debuginfo.demangle import MAX_NAME_LENGTH, demangle


@pytest.mark.parametrize(
    ("mangled", "name"),
    [
        ("main", "main"),
        ("_ZNSt6vectorIiSaIiEE9push_backERKi", "std::vector<int, std::allocator<int>>::push_back(int const&)"),
        ("_ZN3app4workEv.cold", "app::work() (.cold)"),
        ("_ZN4core9panicking5panic17h0123456789abcdefE", "core::panicking::panic"),
        (
            "_ZN4core3ptr85drop_in_place$LT$std..rt..lang_start$LT$$LP$$RP$$GT$..$u7b$$u7b$closure$u7d$$u7d$$GT$17h0123456789abcdefE",
            "core::ptr::drop_in_place<std::rt::lang_start<()>::{{closure}}>",
        ),
        ("_RNvXNtCs6GmmlP4bgsG_1r4deepNtB2_1ANtB2_4Work4work", "<r::deep::A as r::deep::Work>::work"),
        ("_RNvC3app4main.llvm.123", "app::main (.llvm.123)"),
        ("_Rnonsense", "_Rnonsense"),
        ("_Znonsense", "_Znonsense"),
        ("_Z", "_Z"),
        ("", ""),
    ],
)
def test_names_are_shown_as_people_write_them(mangled: str, name: str) -> None:
    assert demangle(mangled) == name


def test_a_name_without_end_is_cut() -> None:
    assert len(demangle("x" * 100_000)) == MAX_NAME_LENGTH


def test_a_part_of_a_rust_path_that_begins_with_a_type_has_no_underscore() -> None:
    part = "_$LT$str$u20$as$u20$app..Parse$GT$"
    assert demangle(f"_ZN{len(part)}{part}5parse17h0123456789abcdefE") == "<str as app::Parse>::parse"


def test_a_name_nested_too_deeply_stays_as_it_is() -> None:
    """The demangler would recurse until its stack ends."""
    name = "_Z1f" + "P" * 60_000 + "i"
    assert demangle(name).startswith("_Z1fPPP")
