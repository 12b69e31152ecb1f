using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Runtime;
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

    /// <summary>All that can change in a run, by name.</summary>
    public virtual IEnumerable<KeyValuePair<string, Tensor>> Memory => Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value));

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
        ArgumentNullException.ThrowIfNull(output);
        var random = Dropout.Random(Index);
        if (random is not null && Dropout.DropsModule(random))
            return output;
        using var scope = NewDisposeScope();
        return output.Plus(Change(input, output, random)).MoveToOuterDisposeScope();
    }

    /// <summary>Draws what is random in a step apart from dropouts.</summary>
    /// <param name="number">The step, or null outside training.</param>
    public virtual void BeginStep(int? number)
    {
    }

    /// <summary>What a LoRA file holds of this module besides alpha, by key: the trained tensors or what is made from them.</summary>
    public virtual IEnumerable<KeyValuePair<string, Tensor>> FileTensors() => Memory;

    /// <summary>Takes the tensors of a LoRA file that has been found to fit.</summary>
    /// <param name="read">Gives a tensor of the file by its key, in any floating-point type.</param>
    public virtual void Load(Func<string, Tensor> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        foreach (var (name, value) in Memory)
            value.copy_(read(name));
    }

    /// <summary>The change of the layer's weight at a multiplier of 1, in the weight's shape, float32.</summary>
    public abstract Tensor Delta();

    /// <summary>Frobenius norm of <see cref="Delta"/>.</summary>
    public virtual double DeltaNorm()
    {
        using var scope = NewDisposeScope();
        return Norm(Delta());
    }

    /// <summary>Multiplies <see cref="Delta"/> by a factor, in place, shared equally by the factors whose product it is.</summary>
    /// <param name="factor">Above 0.</param>
    public virtual void ScaleDelta(double factor)
    {
        using var noGradient = no_grad();
        foreach (var parameter in Parameters)
            parameter.Value.MultiplyInPlace(Math.Pow(factor, 1.0 / FactorCount));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, value) in Memory)
            value.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frobenius norm of a tensor.</summary>
    private protected static double Norm(Tensor delta) => delta.Squared().sum().sqrt().cpu().item<float>();

    /// <summary>How many trained tensors are multiplied to make <see cref="Delta"/>.</summary>
    protected virtual int FactorCount => 2;

    /// <summary>What is added to the layer's output.</summary>
    /// <param name="input">The layer's input.</param>
    /// <param name="output">The layer's own output.</param>
    /// <param name="random">The module's random numbers in this step, or null where nothing is dropped.</param>
    /// <returns>The output's shape and dtype.</returns>
    protected abstract Tensor Change(Tensor input, Tensor output, CounterRandom? random);
}
