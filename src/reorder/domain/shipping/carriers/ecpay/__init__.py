"""ECPay (綠界): convenience stores B2C and C2C, and 黑貓 (T-Cat) to the door."""
