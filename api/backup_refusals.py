"""Why a backup cannot be made or restored."""

from __future__ import annotations

from ledger.errors import PoolbookError


class BackupExists(PoolbookError):
    code = "backup-exists"
    what = "{file} is there already"
    remedy = "name a file that is not there; a backup is never written over another"
    status = 409


class BackupUnreadable(PoolbookError):
    code = "backup-unreadable"
    what = "{file} is no backup that can be restored into {database}: {fault}"
    remedy = "restore a backup of an SQLite ledger to an SQLite file, and a PostgreSQL dump to a PostgreSQL database"


class HeadsUnreadable(PoolbookError):
    code = "heads-unreadable"
    what = "this file beside the backup does not say where its chains stood"
    remedy = ("restore with the file that `poolbook backup` wrote; without any beside it, the books are verified but "
              "compared with nothing")


class RestoreNotEmpty(PoolbookError):
    code = "restore-not-empty"
    what = "{database} is not empty, and a restore writes over nothing"
    remedy = "restore into a new file or a new database, look at what it says, and then put it in the old one's place"
    status = 409


class ToolMissing(PoolbookError):
    code = "tool-missing"
    what = "{tool}, which comes with PostgreSQL, is not on this machine"
    remedy = "install the client tools of PostgreSQL, or run where they are: {command}"
    status = 503


class ToolFailed(PoolbookError):
    code = "tool-failed"
    what = "{tool} would not do it: {fault}"
    remedy = "nothing was kept; mend that, or run it by hand to see more: {command}"
    status = 503
