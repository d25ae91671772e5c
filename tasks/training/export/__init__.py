"""A trained model in the forms that other programs run, each with a card that says what it is made of."""
