namespace LoraPS.Engine.Merging;

/// <summary>What one model brings to one weight of a sum.</summary>
/// <param name="Tensor">The tensor; its elements lie as those of the result do.</param>
/// <param name="Factor">What it is multiplied by; not 0.</param>
internal sealed record SumTerm(ModelTensor Tensor, double Factor);
