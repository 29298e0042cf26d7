"""What a buyer decides: suppliers, offers, proposals, purchase orders, receipts."""
