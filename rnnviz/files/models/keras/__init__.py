"""Keras: from the configuration and the weights of a saved model to its recurrent layers."""
