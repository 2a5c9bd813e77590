"""Every router of the pages, for the application and for the test that walks their rights."""

from __future__ import annotations

from api.web import (
    closing,
    contributions,
    entries,
    figures,
    importing,
    pools,
    posting,
    proposals,
    sign_in,
    static_files,
)

ROUTERS = tuple(one.router for one in (
    static_files, sign_in, pools, figures, contributions, entries, posting, importing, closing, proposals))
