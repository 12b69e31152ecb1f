using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>Something that changes what a <see cref="ProjectionLayer"/> computes while the layer's own weight stays frozen.</summary>
public interface ILayerAdapter
{
    /// <summary>Adds the adapter's part to what the layer computed.</summary>
    /// <param name="input">The layer's input.</param>
    /// <param name="output">The layer's own output; may be returned as it is.</param>
    /// <returns>The changed output, same shape and dtype as <paramref name="output"/>.</returns>
    Tensor Apply(Tensor input, Tensor output);
}
