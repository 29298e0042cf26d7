"""EasyPost, and everything that speaks as EasyPost does."""
