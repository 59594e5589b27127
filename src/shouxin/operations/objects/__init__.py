"""Videos, images and documents: kept, tagged, archived, recalled."""
