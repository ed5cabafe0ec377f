"""What stands before and behind the recurrent layers, and all of it together as data."""
