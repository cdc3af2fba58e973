"""What the web doors share: routes, answers, problems, reading a request."""
