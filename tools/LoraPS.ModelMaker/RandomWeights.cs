using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.ModelMaker;

/// <summary>Weights for a whole model, made from a seed: the same on every machine.</summary>
/// <remarks>
/// Matrices, kernels and tables are uniform with variance 2 / fan-in (He et al., "Delving deep into rectifiers", ICCV
/// 2015), so that signals keep their size; norms start as the identity, biases at 0. Uniform numbers need neither
/// logarithm nor sine: a billion take seconds, and all that rounds is one multiplication.
/// </remarks>
public sealed class RandomWeights
{
    private readonly int _seed;

    /// <summary>Plans the weights of a model; none is made yet.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="seed">Seed of all weights.</param>
    public RandomWeights(StableDiffusionConfig config, int seed)
    {
        TorchRuntime.EnsureLoaded();
        (Config, _seed) = (config, seed);
        using var model = new StableDiffusionModel(config, path: "", META);
        Parameters = [.. ModelParameter.Of(model).Select(found => found.Parameter)];
    }

    /// <summary>Sizes of the networks.</summary>
    public StableDiffusionConfig Config { get; }

    /// <summary>All weights and biases: by network, then by name.</summary>
    public IReadOnlyList<ModelParameter> Parameters { get; }

    /// <summary>Makes one parameter, float32.</summary>
    public Tensor Make(ModelParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        long[] shape = [.. parameter.Shape];
        if (shape.Length == 1)
            return parameter.Name.EndsWith(".bias", StringComparison.Ordinal) ? zeros(shape) : ones(shape);

        var fanIn = parameter.Count / shape[0];
        // From the whole range of Int32 to the bounds of a uniform number of that variance.
        var scale = (float)(Math.Sqrt(3 * 2.0 / fanIn) / (1L << 31));
        var random = new CounterRandom(_seed, RandomPurpose.ModelInit, item: parameter.Index);
        var values = new float[parameter.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = (int)random.NextUInt32() * scale;
        return tensor(values, shape);
    }

    /// <summary>Makes the model in memory, float32 on the CPU; the caller disposes it.</summary>
    public StableDiffusionModel MakeModel()
    {
        var model = new StableDiffusionModel(Config, path: "", META);
        var layers = Networks(model).SelectMany(network => network.Module.named_modules(), (network, module) => (network.Part, module))
            .Where(entry => entry.module.module is WeightedLayer)
            .ToDictionary(entry => (entry.Part, entry.module.name), entry => (WeightedLayer)entry.module.module);
        foreach (var parameter in Parameters)
        {
            var dot = parameter.Name.LastIndexOf('.');
            layers[(parameter.Part, parameter.Name[..dot])].Assign(parameter.Name[(dot + 1)..], Make(parameter));
        }

        return model;
    }

    private static (ModelPart Part, nn.Module Module)[] Networks(StableDiffusionModel model) =>
        [(ModelPart.UNet, model.UNet), (ModelPart.Vae, model.Vae), (ModelPart.TextEncoder, model.TextEncoder)];
}
