"""What people see: terminal, notebook, page, report."""
