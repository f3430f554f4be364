"""Scripts that write, and try, what is said in the documentation."""
