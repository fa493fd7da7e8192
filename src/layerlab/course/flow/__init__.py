"""The flow of the course: the learner's folder, what is remembered there, watching a file, and what the screen shows.

    handed_out.py   the texts of a new course folder, in the chosen language
    progress.py     what is done, and how far each hint was read: one file that is whole at any moment
    folder.py       a course on the disk: made, brought up to date, an exercise handed out anew
    naming.py       which exercise a name, a path or a file of the learner means
    watching.py     when a file was saved, and which key was pressed
    sitting.py      `layerlab learn`: one exercise after the other, until the learner leaves
    screen.py       the lines of a screen, in the width and with the letters that the terminal has
    words.py        every sentence, in English and Korean
    wrapping.py     lines of a given width, and letters that a stream cannot print

The commands in ``layerlab.commands`` parse and print; what they say and do is here.
"""
