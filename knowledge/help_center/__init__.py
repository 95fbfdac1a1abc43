"""The public help center: approved public articles for everybody, without a login."""
