"""Every router of the pages, for the application and for the test that walks their rights."""

from __future__ import annotations

from api.web import contributions, entries, figures, pools, proposals, sign_in, static_files

ROUTERS = tuple(one.router for one in (static_files, sign_in, pools, figures, contributions, entries, proposals))
