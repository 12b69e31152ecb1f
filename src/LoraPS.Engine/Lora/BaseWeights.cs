namespace LoraPS.Engine.Lora;

/// <summary>A LoRA file that is merged into the model before training starts.</summary>
/// <param name="Path">The file.</param>
/// <param name="Multiplier">Strength on top of the file's own; default 1.</param>
public sealed record BaseWeights(string Path, double Multiplier = 1);
