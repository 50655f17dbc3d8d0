"""``python -m survey_sem.cli``."""

from survey_sem.cli import main

if __name__ == "__main__":
    main()
