using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Formats;

/// <summary>Writes safetensors files: the header first, then one tensor after the other.</summary>
/// <remarks>
/// The bytes equal what the safetensors library writes for the same tensors and metadata: see
/// <see cref="SafetensorsHeaderBuilder"/> for the order. Files appear whole or not at all (<see cref="AtomicFile"/>), also
/// over a file that is open or mapped.
/// </remarks>
public static class SafetensorsWriter
{
    /// <summary>Writes tensors that are made one at a time, so that only one need be in memory.</summary>
    /// <param name="path">The destination; replaced if it exists.</param>
    /// <param name="tensors">What the file will hold, in any order.</param>
    /// <param name="metadata">Written in the order given; an empty one is left out.</param>
    /// <param name="produce">Makes a tensor by name, called in the file's order. What it makes is disposed once written.</param>
    /// <param name="cancellationToken">Asked before each tensor.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is not valid Unicode, or the header would be too large.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="produce"/> made another type or shape than announced.</exception>
    /// <exception cref="WriteFailedException">The file cannot be written; an older file is unchanged.</exception>
    public static void Write(
        string path,
        IReadOnlyList<TensorSpec> tensors,
        IReadOnlyDictionary<string, string> metadata,
        Func<string, Tensor> produce,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(produce);
        var ordered = SafetensorsHeaderBuilder.Order(tensors);
        var header = SafetensorsHeaderBuilder.Build(ordered, metadata.Count == 0 ? null : metadata);
        using var file = new AtomicFile(path, header.Length + ordered.Sum(spec => spec.ByteCount));
        file.Write(header);
        WriteTensors(ordered, produce, file.Write, cancellationToken);
        file.Commit();
    }

    /// <summary>Writes tensors that are in memory.</summary>
    /// <param name="path">The destination; replaced if it exists.</param>
    /// <param name="tensors">By name; they stay the caller's. On any device, contiguous or not.</param>
    /// <param name="metadata">Written in the order given; an empty one is left out.</param>
    /// <exception cref="ArgumentException">A name is not valid Unicode, a type has no place in a file, or the header would be too large.</exception>
    /// <exception cref="WriteFailedException">The file cannot be written; an older file is unchanged.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Write(path, [.. tensors.Select(pair => TensorSpec.Of(pair.Key, pair.Value))], metadata, name => tensors[name]);
    }

    /// <summary>Hands the tensors' bytes on, in the order given.</summary>
    internal static void WriteTensors(
        IEnumerable<TensorSpec> ordered, Func<string, Tensor> produce, ByteSink write, CancellationToken cancellationToken = default)
    {
        TorchRuntime.EnsureLoaded();
        foreach (var spec in ordered)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Only what is made inside the scope is disposed: tensors that belong to the caller are not.
            using var scope = NewDisposeScope();
            var tensor = produce(spec.Name);
            if (TensorSpec.Of(spec.Name, tensor) is var found && (found.DType != spec.DType || !found.Shape.SequenceEqual(spec.Shape)))
            {
                throw new InvalidOperationException(
                    $"'{spec.Name}' was announced as {spec.DType.Token()} [{string.Join(", ", spec.Shape)}] and made as {found.DType.Token()} [{string.Join(", ", found.Shape)}].");
            }

            if (spec.ByteCount > 0)
                write(tensor.detach().cpu().contiguous().bytes);
        }
    }
}
