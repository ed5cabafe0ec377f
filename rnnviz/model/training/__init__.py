"""Learning: tasks that come with it, and the loop that goes down a loss."""
