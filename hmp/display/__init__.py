"""The presentation of results: text, JSON and Rich views, on any kind of terminal."""
