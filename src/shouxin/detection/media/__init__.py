"""What is seen and heard in pictures, pages and video: places, moments, and what they are held to be."""
