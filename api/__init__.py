"""The doors: command line and HTTP. They translate, call and translate back."""
