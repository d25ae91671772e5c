"""The models: base, supervised fine-tuning, reward model, GRPO, merge, generation, and the checks around them."""
