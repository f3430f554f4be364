"""What the scorecard keeps of an account beside its money: adoption, sentiment, advocacy and how it is looked after."""
