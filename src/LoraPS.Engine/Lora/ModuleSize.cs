namespace LoraPS.Engine.Lora;

/// <summary>How large a module's factors are, and how strong.</summary>
/// <param name="Rank">Width of the bottleneck.</param>
/// <param name="Alpha">Strength; the factors' product is scaled by alpha / rank.</param>
internal readonly record struct ModuleSize(int Rank, double Alpha);
