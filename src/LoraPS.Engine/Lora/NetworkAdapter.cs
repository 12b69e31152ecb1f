using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>A small trainable change of one frozen layer. What kind of change it is, a derived class says.</summary>
/// <param name="target">The layer; not owned.</param>
/// <param name="index">The module's place in the network, which names its random numbers.</param>
/// <param name="dropout">The network's dropouts.</param>
public abstract class NetworkAdapter(LoraTarget target, int index, LoraDropout dropout) : ILayerAdapter, IDisposable
{
    /// <summary>What is adapted, and how strongly.</summary>
    public LoraTarget Target { get; } = target;

    /// <summary>What is trained, in the order of the file.</summary>
    public abstract IReadOnlyList<AdapterParameter> Parameters { get; }

    /// <summary>Strength on top of alpha / rank.</summary>
    /// <value>Default 1.</value>
    public double Multiplier { get; set; } = 1;

    /// <summary>The network's dropouts.</summary>
    protected LoraDropout Dropout { get; } = dropout;

    /// <summary>The module's place in the network.</summary>
    protected int Index { get; } = index;

    /// <inheritdoc/>
    public Tensor Apply(Tensor input, Tensor output)
    {
        var random = Dropout.Random(Index);
        if (random is not null && Dropout.DropsModule(random))
            return output;
        using var scope = NewDisposeScope();
        return output.Plus(Change(input, random)).MoveToOuterDisposeScope();
    }

    /// <summary>What a LoRA file holds of this module besides alpha, by key: views of the trained tensors or made from them.</summary>
    public abstract IEnumerable<KeyValuePair<string, Tensor>> FileTensors();

    /// <summary>The change of the layer's weight at a multiplier of 1, in the weight's shape, float32.</summary>
    public abstract Tensor Delta();

    /// <summary>Multiplies <see cref="Delta"/> by a factor, in place, shared equally by the factors it is made of.</summary>
    /// <param name="factor">Above 0.</param>
    public abstract void ScaleDelta(double factor);

    /// <summary>Takes the tensors of a LoRA file that has been found to fit.</summary>
    /// <param name="read">Gives a tensor of the file by its key, in any floating-point type.</param>
    public abstract void Load(Func<string, Tensor> read);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in Parameters)
            parameter.Value.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What is added to the layer's output.</summary>
    /// <param name="input">The layer's input.</param>
    /// <param name="random">The module's random numbers in this step, or null where nothing is dropped.</param>
    /// <returns>The output's shape.</returns>
    protected abstract Tensor Change(Tensor input, CounterRandom? random);
}
