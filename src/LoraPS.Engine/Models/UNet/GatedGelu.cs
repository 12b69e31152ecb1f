using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.UNet;

/// <summary>A linear map whose first half of outputs is multiplied by the GELU of the second.</summary>
/// <remarks>
/// Shazeer, "GLU variants improve transformer" (2020). Follows diffusers GEGLU,
/// src/diffusers/models/activations.py@58eb52c.
/// </remarks>
public sealed class GatedGelu : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "proj")]
    private readonly Linear _projection;

    /// <summary>Makes the module with unfilled weights.</summary>
    /// <param name="inFeatures">Width of the input.</param>
    /// <param name="outFeatures">Width of the output.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public GatedGelu(int inFeatures, int outFeatures, Device? device)
        : base(nameof(GatedGelu))
    {
        _projection = new Linear(inFeatures, 2 * outFeatures, device: device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="tokens">[B, n, in].</param>
    /// <returns>[B, n, out].</returns>
    public override Tensor forward(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var halves = _projection.call(tokens).chunk(2, dim: -1);
        return (halves[0] * nn.functional.gelu(halves[1])).MoveToOuterDisposeScope();
    }
}
