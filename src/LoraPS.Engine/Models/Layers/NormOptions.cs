using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>How a model's group norms are made.</summary>
/// <param name="Groups">Number of groups; default 32.</param>
/// <param name="Epsilon">Added to the variance; default 1e-5.</param>
public sealed record NormOptions(int Groups = 32, double Epsilon = 1e-5)
{
    internal GroupNorm Make(int channels, Device? device) => new(Groups, channels, Epsilon, device);
}
