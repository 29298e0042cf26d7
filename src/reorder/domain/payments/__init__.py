"""What is owed, paid and given back: charges, refunds and store credit behind one provider Protocol."""
