"""The door: HTTP, console, command line, and the jobs that chain the stages."""
