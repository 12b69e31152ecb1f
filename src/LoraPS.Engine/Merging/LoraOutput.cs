using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Collects the modules of a LoRA that is being made, in the type it will be saved in, and writes them.</summary>
/// <remarks>
/// All modules are held until the end, as the file's header carries a hash of them. A LoRA is small beside a model, and only
/// the saved form is held.
/// </remarks>
/// <param name="path">The destination.</param>
/// <param name="dtype">Type of the factors in the file.</param>
internal sealed class LoraOutput(string path, SafetensorsDType dtype) : IDisposable
{
    private readonly OrderedDictionary<string, Tensor> _tensors = [];
    private readonly SafetensorsDType _dtype = dtype.IsFloatingPoint()
        ? dtype
        : throw new ArgumentException($"{path}: a LoRA is saved in a float type, not in {dtype.Token()}. Choose F16, BF16 or F32.", nameof(dtype));

    /// <summary>The type factors of these types are saved in unless another is asked for: theirs, if they share one, else float32.</summary>
    public static SafetensorsDType TypeFor(IEnumerable<SafetensorsDType> types) =>
        types.Distinct().ToArray() is [SafetensorsDType.F16 or SafetensorsDType.BF16] and [var shared] ? shared : SafetensorsDType.F32;

    /// <summary>Adds a module.</summary>
    /// <param name="module">Its name.</param>
    /// <param name="weightShape">[out, in] or [out, in, k, k]: the form the factors get.</param>
    /// <param name="up">[out, rank], any float type.</param>
    /// <param name="down">[rank, in·k·k], any float type.</param>
    /// <param name="alpha">Rounded to the type like all else; up makes good for the rounding, so the strength is exact.</param>
    /// <exception cref="LoraMergeException">The type has no room for a number.</exception>
    public void Add(string module, IReadOnlyList<long> weightShape, Tensor up, Tensor down, double alpha)
    {
        using var scope = NewDisposeScope();
        var rank = up.shape[1];
        var savedAlpha = tensor((float)alpha).to(_dtype.ToScalarType(), copy: true);
        var rounded = savedAlpha.to(ScalarType.Float32).item<float>();
        var balanced = rounded == (float)alpha || rounded == 0 ? up : up.to(ScalarType.Float32).Times((float)alpha / rounded);
        Cast(module + KohyaNames.UpSuffix, balanced.reshape([up.shape[0], rank, .. weightShape.Skip(2).Select(_ => 1L)]));
        Cast(module + KohyaNames.DownSuffix, down.reshape([rank, .. weightShape.Skip(1)]));
        Keep(module + KohyaNames.AlphaSuffix, savedAlpha);
    }

    /// <summary>Adds a module.</summary>
    /// <exception cref="LoraMergeException">The type has no room for a number.</exception>
    public void Add(FinishedModule module)
    {
        using var scope = NewDisposeScope();
        Add(module.Report.Name, module.WeightShape, module.Up.ToTensor(), module.Down.ToTensor(), module.Report.Alpha);
    }

    /// <summary>Adds a tensor as it is.</summary>
    public void Keep(string name, Tensor tensor) => _tensors.Add(name, tensor.DetachFromDisposeScope());

    /// <summary>Writes the file with its hashes.</summary>
    /// <returns>The hashes.</returns>
    /// <exception cref="WriteFailedException">The file cannot be written; an older file is unchanged.</exception>
    public LoraHashes Write(IReadOnlyDictionary<string, string> metadata, ModelSpec? spec) => LoraFileWriter.Write(path, _tensors, metadata, spec);

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }

    private void Cast(string name, Tensor tensor)
    {
        // The copy matters where the type stays the same: the tensor may be a view of a source's file.
        var saved = tensor.to(_dtype.ToScalarType(), copy: true).contiguous();
        if (!Finite.All(saved))
        {
            throw new LoraMergeException(
                "LoraOverflow", $"{path}: {name} holds numbers too large for {_dtype.Token()}. {(_dtype == SafetensorsDType.F16 ? "Save as BF16 or F32." : "A ratio is too large.")}", name);
        }

        Keep(name, saved);
    }
}
