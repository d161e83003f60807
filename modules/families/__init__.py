"""Children and those who act for them: each child once, whatever lists it waits in and whatever centres it visits."""
