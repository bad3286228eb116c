//! Offers and answers as they come from the field.
