"""`scorecard.yaml`: what of the scorecard is a decision of the business and not of the program."""
