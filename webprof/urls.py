"""All HTTP routes."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from profiler.api import health, metrics
from profiler.views import (
    bpftrace,
    checkup_shares,
    checkups,
    continuous,
    debug_files,
    explore,
    feeds,
    flight,
    histograms,
    hosts,
    icon,
    login,
    operations,
    probes,
    profiles,
    runs,
    services,
    shares,
    tokens,
)

handler400 = "profiler.views.errors.bad_request"
handler403 = "profiler.views.errors.permission_denied"
handler404 = "profiler.views.errors.page_not_found"
handler500 = "profiler.views.errors.server_error"

pages = [
    path("", RedirectView.as_view(pattern_name="hosts"), name="home"),
    path("favicon.ico", icon.icon, name="favicon"),
    path("login/", login.password, name="login"),
    path("login/link/<str:token>/", login.link, name="login-link"),
    path("logout/", login.leave, name="logout"),
    path("hosts/", hosts.hosts, name="hosts"),
    path("hosts/<str:host_id>/", hosts.host, name="host"),
    path("hosts/<str:host_id>/targets/", hosts.targets, name="host-targets"),
    path("hosts/<str:host_id>/feeds/", feeds.feeds, name="host-feeds"),
    path("hosts/<str:host_id>/feeds/<str:probe>/", feeds.feed, name="host-feed"),
    path("hosts/<str:host_id>/histograms/", histograms.histograms, name="host-histograms"),
    path("hosts/<str:host_id>/histograms/<str:histogram>/", histograms.one, name="host-histogram"),
    path("hosts/<str:host_id>/histograms/<str:histogram>/kept", histograms.kept, name="host-histogram-kept"),
    path(
        "hosts/<str:host_id>/histograms/<str:histogram>/examples", histograms.examples, name="host-histogram-examples"
    ),
    path(
        "hosts/<str:host_id>/histograms/<str:histogram>/examples/tree",
        histograms.examples_graph,
        name="host-histogram-tree",
    ),
    path("hosts/<str:host_id>/freeze/", flight.freeze, name="host-freeze"),
    path("hosts/<str:host_id>/flight/", flight.set_flight, name="host-flight"),
    path("hosts/<str:host_id>/continuous/", continuous.switch, name="host-continuous"),
    path("continuous/", continuous.continuous, name="continuous"),
    path("continuous/<int:plan_id>/delete/", continuous.delete, name="continuous-delete"),
    path("continuous/<int:plan_id>/move/", continuous.move, name="continuous-move"),
    path("services/", services.services, name="services"),
    path("services/<int:rule_id>/delete/", services.delete, name="service-rule-delete"),
    path("services/<int:rule_id>/move/", services.move, name="service-rule-move"),
    path("operations/", operations.operations, name="operations"),
    path("probes/", probes.probes, name="probes"),
    path("record/", runs.record, name="record"),
    path("checkups/", checkups.list_page, name="checkups"),
    path("checkups/<uuid:checkup_id>/", checkups.page, name="checkup"),
    path("checkups/<uuid:checkup_id>/delete/", checkups.delete, name="checkup-delete"),
    path("checkups/<uuid:checkup_id>/shares/", checkups.shares, name="checkup-shares"),
    path("runs/<uuid:run_id>/", runs.run, name="run"),
    path("runs/<uuid:run_id>/stop/", runs.stop, name="run-stop"),
    path("explore/", explore.explore, name="explore"),
    path("bpftrace/", bpftrace.bpftrace, name="bpftrace"),
    path("bpftrace/<uuid:program_id>/", bpftrace.program, name="bpftrace-program"),
    path("bpftrace/runs/<uuid:trace_id>/stacks/<str:name>/", bpftrace.stacks, name="bpftrace-stacks"),
    path("bpftrace/runs/<uuid:trace_id>/stacks/<str:name>/tree", bpftrace.tree, name="bpftrace-tree"),
    path("bpftrace/runs/<uuid:trace_id>/stop/", bpftrace.stop, name="bpftrace-stop"),
    path("profiles/", profiles.profiles, name="profiles"),
    path("profiles/<uuid:profile_id>/", profiles.profile, name="profile"),
    path("profiles/<uuid:profile_id>/tree", profiles.tree, name="profile-tree"),
    path("profiles/<uuid:profile_id>/moments", profiles.moments, name="profile-moments"),
    path("profiles/<uuid:profile_id>/folded", profiles.folded, name="profile-folded"),
    path("profiles/<uuid:profile_id>/html", profiles.html, name="profile-html"),
    path("profiles/<uuid:profile_id>/delete/", profiles.delete, name="profile-delete"),
    path("profiles/<uuid:profile_id>/shares/", shares.live, name="shares"),
    path("s/<str:token>/", shares.guest, name="share"),
    path("embed/<str:token>/", shares.embed, name="embed"),
    path("s/<str:token>/tree", shares.guest_tree, name="share-tree"),
    path("s/<str:token>/moments", shares.guest_moments, name="share-moments"),
    path("s/<str:token>/html", shares.guest_html, name="share-html"),
    path("c/<str:token>/", checkup_shares.guest, name="checkup-share"),
    path("c/<str:token>/profiles/<str:host_id>/", checkup_shares.guest_profile, name="checkup-share-profile"),
    path("c/<str:token>/profiles/<str:host_id>/tree", checkup_shares.guest_tree, name="checkup-share-tree"),
    path("c/<str:token>/profiles/<str:host_id>/moments", checkup_shares.guest_moments, name="checkup-share-moments"),
    path("debug-files/", debug_files.debug_files, name="debug-files"),
    path("debug-files/<uuid:file_id>/delete/", debug_files.delete, name="debug-file-delete"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<uuid:token_id>/revoke/", tokens.revoke, name="token-revoke"),
]
urlpatterns = [
    path("", include(pages)),
    path("api/v1/", include("profiler.api.urls")),
    path("metrics", metrics.metrics, name="metrics"),
    path("healthz", health.healthz, name="healthz"),
    path("admin/", admin.site.urls),
]
