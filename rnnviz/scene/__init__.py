"""What a picture is made of, before anything draws it."""
