"""What the books say: every query, in set-based SQL; these modules alone read their tables."""

from __future__ import annotations

from ledger.store_balances import GROUPS as GROUPS
from ledger.store_balances import balances as balances
from ledger.store_balances import dated_movements as dated_movements
from ledger.store_balances import movements as movements
from ledger.store_balances import totals as totals
from ledger.store_books import account_keys as account_keys
from ledger.store_books import accounts as accounts
from ledger.store_books import asks_changes as asks_changes
from ledger.store_books import asks_lock as asks_lock
from ledger.store_books import book as book
from ledger.store_books import books as books
from ledger.store_books import cell_keys as cell_keys
from ledger.store_books import contents as contents
from ledger.store_books import lock as lock
from ledger.store_books import lock_new as lock_new
from ledger.store_books import periods as periods
from ledger.store_books import status_steps as status_steps
from ledger.store_chain import Sealed as Sealed
from ledger.store_chain import asks_follows as asks_follows
from ledger.store_chain import asks_last_batch as asks_last_batch
from ledger.store_chain import batches as batches
from ledger.store_chain import content_hashes as content_hashes
from ledger.store_chain import head as head
from ledger.store_chain import head_at as head_at
from ledger.store_chain import last_batch as last_batch
from ledger.store_chain import last_known as last_known
from ledger.store_entries import all_entries as all_entries
from ledger.store_entries import entries as entries
from ledger.store_entries import entry as entry
from ledger.store_entries import find as find
from ledger.store_entries import find_reference as find_reference
from ledger.store_entries import find_references as find_references
from ledger.store_entries import memoranda as memoranda
from ledger.store_entries import reversals as reversals
from ledger.store_numbers import reversed_by as reversed_by
from ledger.store_requests import Remembered as Remembered
from ledger.store_requests import remember as remember
from ledger.store_requests import remember_all as remember_all
from ledger.store_requests import remembered as remembered
from ledger.store_requests import remembered_keys as remembered_keys
