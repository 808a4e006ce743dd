"""What nbgrader is told of these notebooks; it lies in the folder of the course."""

c = get_config()  # noqa: F821, which nbgrader gives

c.CourseDirectory.course_id = "deploysim"
# The notebooks have no answers in them, only places for them; nothing is to be taken out.
c.ClearSolutions.enabled = False
# Experiments take some seconds each.
c.ExecutePreprocessor.timeout = 120
