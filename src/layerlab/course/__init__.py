"""The course: exercises for your own editor, and a grader that says where a function goes wrong, and how."""
