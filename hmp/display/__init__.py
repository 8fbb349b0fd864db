"""What results look like: text, JSON and Rich views, on whatever terminal there is."""
