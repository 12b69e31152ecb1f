using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>A layer that is a linear map of its input (a matrix or a convolution): what LoRA adapts.</summary>
public abstract class ProjectionLayer : WeightedLayer
{
    private protected ProjectionLayer(string name, long[] weightShape, bool bias, Device? device)
        : base(name, weightShape, bias ? weightShape[0] : null, device)
    {
    }

    /// <summary>What changes this layer's output, or null. The layer does not own it and never moves or disposes it.</summary>
    public ILayerAdapter? Adapter { get; set; }

    /// <inheritdoc/>
    public sealed override Tensor forward(Tensor input)
    {
        var output = Project(input);
        if (Adapter is null)
            return output;
        var adapted = Adapter.Apply(input, output);
        if (!ReferenceEquals(adapted, output))
            output.Dispose();
        return adapted;
    }

    /// <summary>What the layer computes without its adapter.</summary>
    protected abstract Tensor Project(Tensor input);
}
