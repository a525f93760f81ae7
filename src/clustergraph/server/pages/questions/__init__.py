"""Pages of questions: forms, tables and charts of saved queries, and the editor for others."""
