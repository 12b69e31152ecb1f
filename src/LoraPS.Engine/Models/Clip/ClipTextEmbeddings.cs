using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Runtime;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Clip;

/// <summary>The vectors of the tokens plus those of their places.</summary>
public sealed class ClipTextEmbeddings : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "token_embedding")]
    private readonly Embedding _tokens;

    [ComponentName(Name = "position_embedding")]
    private readonly Embedding _positions;

    /// <summary>Makes the tables with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public ClipTextEmbeddings(ClipTextConfig config, Device? device)
        : base(nameof(ClipTextEmbeddings))
    {
        ArgumentNullException.ThrowIfNull(config);
        _tokens = new Embedding(config.VocabularySize, config.HiddenSize, device);
        _positions = new Embedding(config.MaxPositions, config.HiddenSize, device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="ids">Token ids [B, n], int64, n at most the number of positions.</param>
    /// <returns>[B, n, hidden].</returns>
    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var places = TensorArithmetic.Count(ids.shape[1], ScalarType.Int64, ids.device);
        return _tokens.call(ids).Plus(_positions.call(places)).MoveToOuterDisposeScope();
    }
}
