"""Every router of the pages, for the application and for the test that walks their rights."""

from __future__ import annotations

from api.web import (
    agreement,
    bank,
    closing,
    contributions,
    downloads,
    entries,
    figures,
    importing,
    languages,
    periods,
    pools,
    posting,
    proof,
    proposals,
    scenarios,
    sign_in,
    static_files,
    tasks,
)

ROUTERS = tuple(one.router for one in (
    static_files, languages, sign_in, pools, figures, contributions, entries, tasks, posting, importing, bank, periods,
    closing, proposals, agreement, proof, scenarios, downloads))
