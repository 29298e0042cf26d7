"""Documents for paper and PDF, typeset by typst from values that no name can turn into markup."""

from reorder.flows.documents.purchase_order import purchase_order_pdf

__all__ = ["purchase_order_pdf"]
